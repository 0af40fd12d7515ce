//! The confirmation of a correction plan.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("plan-confirmation");
