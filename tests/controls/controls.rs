//! Each rig notices the fault that it is there for.
