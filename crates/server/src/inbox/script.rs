/// What to answer to one message instead of taking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripted {
    /// Take it: lets a script say "the second one, please".
    Take,
    /// Answer RCPT TO with this code.
    Recipient(u16),
    /// Answer the finished message with this code.
    Message(u16),
    /// Receive the whole message and hang up without an answer; it is not kept.
    HangUp,
    /// Receive and keep the whole message and hang up without an answer, as a server does that dies a moment too
    /// late.
    KeepAndHangUp,
}
