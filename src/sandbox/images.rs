//! The images that the course and the workbench need.
