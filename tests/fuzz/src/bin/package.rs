//! A round package.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("package");
