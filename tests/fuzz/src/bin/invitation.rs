//! The text that brings a tablet to another's session.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("invitation");
