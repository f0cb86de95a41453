use super::DemoError;
use tokio::task::JoinSet;

/// As many as the pages' pool has connections.
const AT_A_TIME: usize = 8;

/// Does something for each of many, several at a time; the answers come in the order of the things.
pub(super) async fn each<T, R, F>(
    things: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> F,
) -> Result<Vec<R>, DemoError>
where
    R: Send + 'static,
    F: Future<Output = Result<R, DemoError>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    let mut done = Vec::new();
    for (index, thing) in things.into_iter().enumerate() {
        if tasks.len() >= AT_A_TIME
            && let Some(finished) = tasks.join_next().await
        {
            done.push(finished??);
        }
        let work = work(thing);
        tasks.spawn(async move { Ok::<_, DemoError>((index, work.await?)) });
    }
    while let Some(finished) = tasks.join_next().await {
        done.push(finished??);
    }
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, answer)| answer).collect())
}
