//! The faults decorator: rules that fail, delay, hang or lose the reply of calls that match.
//!
//! Rules are ordered; the first that matches and whose turn it is decides. A rule counts the calls it matches, so
//! "the third `HcnCreateLoadBalancer`" is one rule. Rules are set through a [`FaultSwitch`], which is not part of the
//! boundary: no component can see it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use winlab_clock::{Clock, Rng, Seed, VirtualSpan};

use crate::boundary::{Boundary, Call, Service};
use crate::feed::EventStream;
use crate::matching::CallMatch;

/// What happens to a call that a rule picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultEffect {
    /// It fails without reaching the service; the code, or the service's default.
    Fail(Option<u32>),
    /// It reaches the service late.
    Delay(VirtualSpan),
    /// It never reaches the service and is never answered.
    Hang,
    /// The service carries it out and the answer is lost: the caller sees a failure.
    LoseReply(Option<u32>),
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// Which calls.
    pub calls: CallMatch,
    /// What happens.
    pub effect: FaultEffect,
    /// Only the n-th call that matches, from 1; none: every one.
    pub nth: Option<u64>,
    /// How often at most; none: without end.
    pub times: Option<u64>,
    /// With what probability, drawn from the seed; 1 is always.
    pub rate: f64,
}

impl FaultRule {
    /// Every call that matches, always.
    #[must_use]
    pub fn every(calls: CallMatch, effect: FaultEffect) -> Self {
        Self { calls, effect, nth: None, times: None, rate: 1.0 }
    }
}

struct Armed {
    number: u64,
    rule: FaultRule,
    seen: u64,
    done: u64,
}

struct Rules {
    armed: Vec<Armed>,
    rng: Rng,
    next: u64,
}

/// Sets and lifts the rules of one backend. Clones share the rules.
#[derive(Clone)]
pub struct FaultSwitch(Arc<Mutex<Rules>>);

impl fmt::Debug for FaultSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultSwitch").finish_non_exhaustive()
    }
}

impl FaultSwitch {
    /// No rules yet; rates are drawn from `seed`.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self(Arc::new(Mutex::new(Rules { armed: Vec::new(), rng: seed.rng(), next: 1 })))
    }

    /// Adds a rule after those there are; the answer is its number.
    pub fn arm(&self, rule: FaultRule) -> u64 {
        let mut rules = self.rules();
        let number = rules.next;
        rules.next += 1;
        rules.armed.push(Armed { number, rule, seen: 0, done: 0 });
        number
    }

    /// Lifts one rule; whether it was there.
    pub fn lift(&self, number: u64) -> bool {
        let mut rules = self.rules();
        let before = rules.armed.len();
        rules.armed.retain(|armed| armed.number != number);
        rules.armed.len() != before
    }

    /// Lifts all rules. Calls that hang stay hanging: their callers wait for a reply that was never sent.
    pub fn heal(&self) {
        self.rules().armed.clear();
    }

    /// How often a rule has struck; none if it is not there.
    #[must_use]
    pub fn struck(&self, number: u64) -> Option<u64> {
        self.rules().armed.iter().find(|armed| armed.number == number).map(|armed| armed.done)
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The effect on this call, if any.
    fn decide(&self, call: &impl Call) -> Option<FaultEffect> {
        let mut rules = self.rules();
        let Rules { armed, rng, .. } = &mut *rules;
        for armed in armed {
            if !armed.rule.calls.matches(call) {
                continue;
            }
            armed.seen += 1;
            let turn = armed.rule.nth.is_none_or(|nth| nth == armed.seen)
                && armed.rule.times.is_none_or(|times| armed.done < times)
                && (armed.rule.rate >= 1.0 || rng.chance(armed.rule.rate));
            if turn {
                armed.done += 1;
                return Some(armed.rule.effect);
            }
        }
        None
    }
}

/// A backend under fault rules.
pub struct Faulty<S: Service> {
    inner: Arc<dyn Boundary<S>>,
    switch: FaultSwitch,
    clock: Clock,
}

impl<S: Service> Faulty<S> {
    /// Over `inner`, ruled by `switch`.
    #[must_use]
    pub fn new(inner: Arc<dyn Boundary<S>>, switch: FaultSwitch, clock: Clock) -> Self {
        Self { inner, switch, clock }
    }
}

impl<S: Service> fmt::Debug for Faulty<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("service", &S::NAME).finish_non_exhaustive()
    }
}

impl<S: Service> Boundary<S> for Faulty<S> {
    fn call(&self, call: S::Call) -> BoxFuture<'_, Result<S::Answer, S::Fault>> {
        match self.switch.decide(&call) {
            None => self.inner.call(call),
            Some(FaultEffect::Fail(code)) => futures::future::ready(Err(S::injected(code))).boxed(),
            Some(FaultEffect::Hang) => futures::future::pending().boxed(),
            Some(FaultEffect::Delay(span)) => async move {
                self.clock.sleep(span).await;
                self.inner.call(call).await
            }
            .boxed(),
            Some(FaultEffect::LoseReply(code)) => async move {
                let _lost = self.inner.call(call).await;
                Err(S::injected(code))
            }
            .boxed(),
        }
    }

    fn events(&self) -> EventStream<S::Event> {
        self.inner.events()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::FutureExt;
    use futures::future::BoxFuture;
    use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
    use winlab_document::Document;

    use super::{FaultEffect, FaultRule, FaultSwitch, Faulty};
    use crate::boundary::{Ask, Boundary, Service};
    use crate::feed::{EventStream, Feed};
    use crate::network::{Answer, Call, EnumerateNetworks, Network, Notification};
    use crate::{CallMatch, Fault, Guid, HResult};

    /// Answers every enumeration with as many ids as it has been asked.
    #[derive(Default)]
    struct Counting(AtomicU32, Feed<Notification>);

    impl Boundary<Network> for Counting {
        fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, Fault>> {
            let asked = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            let answer = match call {
                Call::EnumerateNetworks(_) => Ok(Answer::EnumerateNetworks(vec![Guid::NIL; asked as usize])),
                _ => Err(Network::injected(Some(HResult::E_NOTIMPL.0))),
            };
            futures::future::ready(answer).boxed()
        }

        fn events(&self) -> EventStream<Notification> {
            self.1.subscribe()
        }
    }

    fn lab() -> (Faulty<Network>, FaultSwitch, Clock) {
        let (clock, switch) = (Clock::start_virtual(), FaultSwitch::new(Seed::new(1)));
        (Faulty::new(Arc::new(Counting::default()), switch.clone(), clock), switch, clock)
    }

    async fn asked(host: &Faulty<Network>) -> Result<usize, HResult> {
        host.ask(EnumerateNetworks { query: Document::Null }).await.map(|ids| ids.len()).map_err(|f| f.code)
    }

    #[test]
    fn the_nth_call_fails_before_it_reaches_the_service() {
        virtual_world(async {
            let (host, switch, _) = lab();
            let effect = FaultEffect::Fail(Some(HResult::E_INVALIDARG.0));
            let rule = FaultRule { nth: Some(2), ..FaultRule::every(CallMatch::function("Hcn*"), effect) };
            let number = switch.arm(rule);
            assert_eq!(asked(&host).await, Ok(1));
            assert_eq!(asked(&host).await, Err(HResult::E_INVALIDARG));
            assert_eq!(asked(&host).await, Ok(2));
            assert_eq!(switch.struck(number), Some(1));
        });
    }

    #[test]
    fn a_lost_reply_is_carried_out() {
        virtual_world(async {
            let (host, switch, _) = lab();
            switch.arm(FaultRule {
                times: Some(1),
                ..FaultRule::every(CallMatch::function("*"), FaultEffect::LoseReply(None))
            });
            assert_eq!(asked(&host).await, Err(HResult::E_FAIL));
            assert_eq!(asked(&host).await, Ok(2));
        });
    }

    #[test]
    fn delays_cost_scenario_time_and_hangs_never_end() {
        virtual_world(async {
            let (host, switch, clock) = lab();
            let five = VirtualSpan::from_secs(5);
            switch.arm(FaultRule::every(CallMatch::function("*"), FaultEffect::Delay(five)));
            assert_eq!(asked(&host).await, Ok(1));
            assert_eq!(clock.now().as_nanos(), five.as_nanos());
            switch.heal();
            switch.arm(FaultRule::every(CallMatch::function("*"), FaultEffect::Hang));
            assert!(clock.within(VirtualSpan::from_secs(3600), asked(&host)).await.is_err());
            switch.heal();
            assert_eq!(asked(&host).await, Ok(2));
        });
    }

    #[test]
    fn rates_come_from_the_seed() {
        let run = || {
            virtual_world(async {
                let (host, switch, _) = lab();
                let every = FaultRule::every(CallMatch::function("*"), FaultEffect::Fail(None));
                switch.arm(FaultRule { rate: 0.3, ..every });
                let mut failed = Vec::new();
                for n in 0..100 {
                    if asked(&host).await.is_err() {
                        failed.push(n);
                    }
                }
                failed
            })
        };
        let first = run();
        assert!((15..45).contains(&first.len()), "{}", first.len());
        assert_eq!(first, run());
    }
}
