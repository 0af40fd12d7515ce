//! A bundle, as anybody who checks a round opens it.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("bundle");
