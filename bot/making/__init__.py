"""Makers of what needs more than a template: pictures, workbooks, documents, made as they are sent."""
