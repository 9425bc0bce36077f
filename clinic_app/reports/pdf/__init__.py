"""The PDF file itself: shaped glyphs, vector shapes and pictures on ReportLab's canvas."""
