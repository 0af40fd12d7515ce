//! What a device says that it holds.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("acknowledgement");
