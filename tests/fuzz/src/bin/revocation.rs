//! A revocation.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("revocation");
