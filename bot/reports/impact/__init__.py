"""A session's impact report: counted, hidden where few stand behind a figure, said, drawn, and as a workbook."""
