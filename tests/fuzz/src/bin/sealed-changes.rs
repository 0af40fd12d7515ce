//! Record changes that are sealed to a reader.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("sealed-changes");
