//! Every component on one page: rendered by a test, looked at by people. With
//! `COTERIE_GALLERY` set to a folder, the page is written there with its assets.
