//! How much of this process is resident, as the kernel says.

/// A line of `/proc/self/status` in MiB; 0 where there is none.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let kib = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Resident now.
pub fn resident_mib() -> u64 {
    status("VmRSS:")
}

/// The most that was resident since [`forget_peak`].
pub fn peak_mib() -> u64 {
    status("VmHWM:")
}

/// Begins to look for the peak anew. Where the kernel refuses, the peak is that of the whole process.
pub fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

/// What else the machine does: processes that run or wait to, of the last minute.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("unknown").to_owned()
}
