"""The frame around every command: help, version, exit codes, interruption, broken pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from clinic_app import __version__
from clinic_app.cli import doors, program
from clinic_app.cli import main as cli_main
from clinic_app.cli.commands import COMMANDS
from clinic_app.domain.errors import ClinicError
from clinic_app.paths import ROOT
from tests.integration.cli.clinic import Run, run_process

LOADED_ON_USE = (
    *("PySide6", "alembic", "clinic_app.services.front_door", "cv2", "numpy", "onnxruntime"),
    *("reportlab", "scipy", "sqlalchemy", "sqlcipher3"),
)


def run_code(code: str) -> subprocess.CompletedProcess[str]:
    """Python of its own, in which no test has loaded anything."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(os.name == "nt", reason="RLIMIT_CORE is POSIX only")
def test_no_crash_writes_keys_and_records_into_a_core_file() -> None:
    """Whatever the system allows: not even a process that the program starts may."""
    done = run_code(
        "import resource\n"
        "core = resource.RLIMIT_CORE\n"
        "allowed = resource.getrlimit(core)[1]\n"
        "resource.setrlimit(core, (allowed, allowed))\n"
        "from clinic_app.cli import main\n"
        "main(['--version'])\n"
        "print(*resource.getrlimit(core))\n"
    )
    assert done.stdout.splitlines()[-1] == "0 0"


def test_the_help_names_every_command_and_loads_none_of_them() -> None:
    done = run_code(
        "import sys\n"
        "from clinic_app.cli import main\n"
        "main(['--help'])\n"
        "from clinic_app.cli.commands import COMMANDS\n"
        "modules = {place.partition(':')[0] for place, _ in COMMANDS.values()}\n"
        "loaded = {'pydantic', *(f'clinic_app.cli.{one}' for one in modules)} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert all(line.endswith(".") for line in lines)


def test_the_help_of_every_command_loads_nothing_heavy() -> None:
    done = run_code(
        "import sys\n"
        "from clinic_app.cli import main\n"
        "from clinic_app.cli.commands import COMMANDS\n"
        "assert not any(main([name, '--help']) for name in COMMANDS)\n"
        f"heavy = set({LOADED_ON_USE}) & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_is_the_programs(cli: Run) -> None:
    assert cli("--version").out == f"clinic-app {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cli: Run, command: str) -> None:
    answer = cli(command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert "Usage: clinic-app " in answer.out


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("patients", "nonsense"), ("--nonsense",), ("patients", "add")]
)
def test_wrong_usage_is_code_2_on_stderr(cli: Run, arguments: tuple[str, ...]) -> None:
    answer = cli(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "Usage:" in answer.err


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What the models' shelf raises when it is opened: put one error in."""
    errors: list[BaseException] = []

    def shelf() -> object:
        raise errors[0]

    monkeypatch.setattr(doors, "model_shelf", shelf)
    monkeypatch.delenv("CLINIC_APP_DEBUG", raising=False)
    return errors


def test_known_trouble_is_its_sentence_and_code_1(cli: Run, failing: list[BaseException]) -> None:
    failing.append(ClinicError("The cupboard is empty."))
    assert cli("models", "list").trouble == "The cupboard is empty."


def test_a_mistake_of_ours_is_said_without_a_traceback_or_its_text(
    cli: Run, failing: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing.append(KeyError("Okafor, Chidi"))
    sentence = cli("models", "list").trouble
    assert "KeyError" in sentence
    assert "Okafor" not in sentence
    monkeypatch.setenv("CLINIC_APP_DEBUG", "1")
    assert "Traceback" in cli("models", "list").err


def test_an_interrupted_command_is_quiet(cli: Run, failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    answer = cli("models", "list")
    assert (answer.code, answer.out, answer.err) == (130, "", "")


def test_an_interruption_while_loading_is_quiet_too(
    cli: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loading(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "clinic_app.cli.program", Loading("program"))
    assert cli_main(["--help"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_leaves_early_is_no_trouble(store: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "clinic_app.cli", "patients", "list", "--json"],
            cwd=ROOT,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == program.BROKEN_PIPE
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_another_encoding_gets_valid_json_and_readable_lines(
    store: Path, cli: Run, encoding: str
) -> None:
    name = "张 أحمد 🙂"
    added = cli(
        *("patients", "add", "--family-name", name, "--given-name", "Ana"),
        *("--birth-date", "1990-05-17", "--json"),
    )
    environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    plain = run_process("patients", "list", "--json", environment=environment)
    assert json.loads(plain.out)[0]["family_name"] == name
    lines = run_process("patients", "list", environment=environment)
    assert (lines.code, lines.err) == (0, "")
    assert added.json["id"] in lines.out


def test_bytes_that_are_no_text_in_an_argument_are_dropped(store: Path, cli: Run) -> None:
    added = run_process(
        *("patients", "add", "--family-name", b"Mu\xffller", "--given-name", "Ana"),
        *("--birth-date", "1990-05-17", "--json"),
    )
    assert added.code == 0
    assert cli("patients", "list", "--json").json[0]["family_name"] == "Muller"


def test_a_file_name_that_is_no_text_is_reported_in_valid_json(tmp_path: Path) -> None:
    answer = run_process("screen", os.fsencode(tmp_path) + b"/\xff.png", "--json")
    (result,) = json.loads(answer.out)
    assert "error" in result
    assert answer.trouble


def test_without_a_command_the_window_opens(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic_app.app.run_window", lambda: 7)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli().code == 7


def test_the_window_opens_on_the_usual_store_and_closes_again(tmp_path: Path) -> None:
    """The whole window, for as long as its first page takes to stand."""
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        "CLINIC_APP_STORE": str(tmp_path / "store"),
        "CLINIC_APP_EXIT_WHEN_SHOWN": "1",
    }
    answer = run_process(environment=environment)
    assert (answer.code, answer.out) == (0, "")
    assert "Traceback" not in answer.err


def test_without_a_display_the_demo_runs_and_says_why(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Path] = []
    monkeypatch.setattr("clinic_app.cli.demo.run_demo", lambda out: ran.append(out) or 0)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    answer = cli()
    assert (answer.code, ran) == (0, [Path("out")])
    assert "No display" in answer.out


def test_the_script_and_the_module_are_the_same_program() -> None:
    assert run_process("--version").out == f"clinic-app {__version__}\n"
    done = subprocess.run(
        [sys.executable, "main.py", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"clinic-app {__version__}\n"
