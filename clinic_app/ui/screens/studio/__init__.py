"""The style studio: optimised transfer, live styles, the gallery, and the reference look."""
