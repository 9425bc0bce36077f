"""The reference look: bringing a face to it, and how stable the reading then is under light."""
