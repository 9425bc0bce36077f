"""Fifth step: the clinician's own judgement, before any estimate is shown."""
