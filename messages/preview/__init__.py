"""The page of `content preview`: journeys as people will see them, with their dates, buttons and answers."""
