"""The page as an app of the phone's or the desktop's own: its name, icons and sharing."""
