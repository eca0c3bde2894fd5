"""The parts of a report, each from the case and the diagnosis to blocks of the model. Pure."""
