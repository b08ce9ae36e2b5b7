//! Finding or starting a Docker Engine.
