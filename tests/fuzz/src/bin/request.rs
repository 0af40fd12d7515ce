//! A signed request.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("request");
