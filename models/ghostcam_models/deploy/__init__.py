"""From a checkpoint to the files that ship, and how fast they run."""
