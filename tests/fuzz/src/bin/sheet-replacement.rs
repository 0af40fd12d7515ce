//! A sheet replacement.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("sheet-replacement");
