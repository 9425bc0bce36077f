"""Names that nobody has: family names are words for "example" and "sample", in many scripts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """Family and given names that are written in one script; ``weight`` is how often it comes."""

    weight: int
    families: tuple[str, ...]
    given: tuple[str, ...]


SCRIPTS = (
    Script(
        24,
        ("Example", "Sample", "Specimen", "Template", "Pattern", "Placeholder"),
        ("Ada", "Ben", "Clara", "Dan", "Ella", "Finn", "Grace", "Hugo", "Iris", "Jo", "Kim", "Leo"),
    ),
    Script(
        10,
        ("Muster", "Beispiel", "Probe"),
        ("Anke", "Bernd", "Doris", "Jörg", "Käthe", "Lutz", "Änne", "Uwe"),
    ),
    Script(
        10,
        ("Exemple", "Échantillon", "Modèle"),
        ("Amélie", "Benoît", "Chloé", "Éric", "Hélène", "Noël", "Zoé"),
    ),
    Script(
        10,
        ("Ejemplo", "Muestra", "Exemplo", "Amostra", "Esempio", "Campione"),
        ("Álvaro", "Begoña", "Inés", "João", "Lúcia", "Marta", "Nuno", "Paola"),
    ),
    Script(
        9,
        ("Przykład", "Příklad", "Vzorec", "Példa", "Exemplu", "Primjer"),
        ("Agnieszka", "Łukasz", "Šárka", "Žofie", "Ödön", "Ștefan", "Đuro"),
    ),
    Script(
        7,
        ("Eksempel", "Exempel", "Esimerkki", "Sýnishorn", "Näidis"),
        ("Åse", "Bjørn", "Jónína", "Märta", "Päivi", "Øyvind"),
    ),
    Script(6, ("Örnek", "Mẫu", "Contoh", "Halimbawa"), ("Ayşe", "Işıl", "Bảo", "Đức", "Dewi")),
    Script(6, ("Παράδειγμα", "Δείγμα"), ("Άννα", "Γιώργος", "Ελένη", "Νίκος")),
    Script(7, ("Пример", "Образец", "Зразок"), ("Анна", "Борис", "Ірина", "Юрий", "Ольга")),
    Script(8, ("مثال", "عينة", "نمونه", "نموذج"), ("نور", "سارة", "عمر", "لیلا", "ياسمين")),
    Script(4, ("דוגמה", "מדגם"), ("דנה", "יואב", "נועה")),
    Script(7, ("उदाहरण", "नमूना"), ("आशा", "रवि", "मीरा", "अर्जुन")),
    Script(4, ("উদাহরণ", "নমুনা"), ("অনু", "রাজ", "মিতা")),
    Script(3, ("உதாரணம்", "மாதிரி"), ("மாலா", "ரவி", "கண்ணன்")),
    Script(3, ("ตัวอย่าง",), ("ก้อย", "นิด", "สมชาย")),
    Script(5, ("範例", "样本", "例子"), ("小明", "美玲", "志強", "安")),
    Script(4, ("見本", "例"), ("花子", "太郎", "さくら")),
    Script(4, ("예시", "보기"), ("하나", "민수", "지우")),
    Script(2, ("ნიმუში", "Օրինակ"), ("ანა", "Արամ")),
)
