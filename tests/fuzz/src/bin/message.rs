//! A sync message with everything it may give.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("message");
