//! Guidance for teams.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("guidance");
