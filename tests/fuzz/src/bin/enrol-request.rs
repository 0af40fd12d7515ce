//! A device's answer to its token.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("enrol-request");
