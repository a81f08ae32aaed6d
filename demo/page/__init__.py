"""The page at which a person looks at the stand-in's workspace and acts in it."""
