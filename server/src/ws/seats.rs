use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Sockets of a user at once: some windows with a log and a map each, but no flood.
const SEATS: usize = 20;

/// Counts the open sockets of each user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<Mutex<HashMap<String, usize>>>);

/// A counted socket; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    user: String,
}

impl Seats {
    /// `None`: this user has no more.
    pub(crate) fn take(&self, user: &str) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(user.to_owned()).or_default();
        if *count >= SEATS {
            return None;
        }
        *count += 1;
        metrics::gauge!("slipway_sockets").increment(1);
        Some(Seat { seats: self.clone(), user: user.to_owned() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("slipway_sockets").decrement(1);
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SEATS, Seats};

    #[test]
    fn are_limited_per_user_and_given_back() {
        let seats = Seats::default();
        let mut taken: Vec<_> = (0..SEATS).map(|_| seats.take("mina").expect("a seat")).collect();
        assert!(seats.take("mina").is_none());
        assert!(seats.take("jo").is_some());
        taken.pop();
        assert!(seats.take("mina").is_some());
        drop(taken);
        assert!(seats.0.lock().expect("not poisoned").is_empty());
    }
}
