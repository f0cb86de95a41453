//! The tenant matrix: every route of the router is tried as a stranger, as the wrong person of the right chain, as
//! somebody of another chain, and with another chain's ids. What the router has and `listed.rs` does not fails, and so
//! does the other way round.

mod cast;
mod controls;
mod ids;
mod judge;
mod listed;
mod request;
mod walk;

#[tokio::test]
async fn nobody_reaches_what_is_not_theirs() {
    let (stack, cast) = cast::assemble().await;
    let rows = listed::rows();
    let findings = listed::differences(&stack.house.routes, &rows);
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));

    let site = walk::Site::of(&stack);
    let findings = walk::refusals(&site, &cast, &rows).await;
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
    // The control of every refusal above: whoever may, can.
    let findings = walk::admissions(&site, &cast, &rows).await;
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
    stack.shutdown().await;
}
