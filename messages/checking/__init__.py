"""The rules of `content check`, a family a module: pure functions from the content to findings."""
