//! A permit code, as it is typed.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("permit");
