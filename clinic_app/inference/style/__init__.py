"""Style: the normaliser that evens out light, and the studio's transfers."""

from clinic_app.inference.style.normaliser import StyleNormaliser as StyleNormaliser
