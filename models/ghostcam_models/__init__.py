"""The detectors of ghostcam: definition, training, evaluation and export. models/README.md says what is where."""
