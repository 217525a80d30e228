"""Stories that are told in Python, because they are about processes."""

STORIES = []
