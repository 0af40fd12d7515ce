//! Frames of a session between two tablets, as they come over a link.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("session");
