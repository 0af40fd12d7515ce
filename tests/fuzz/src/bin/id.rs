//! A digest, as it is typed.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("id");
