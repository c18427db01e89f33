"""From a picture to boxes without the daemon: the manifest, and a plain reference of every step."""
