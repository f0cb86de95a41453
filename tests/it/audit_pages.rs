//! "Who changed this?", asked by an auditor at a browser and by a program: every event with who, when, which command and
//! what it led to, and how a thing stood at any moment of its history.

mod api;
mod as_of;
mod house;
mod walking;
