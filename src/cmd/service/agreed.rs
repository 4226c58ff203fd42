//! What a run may spend: by its own limits, by budgets, and by what somebody has agreed to.

use super::Service;
use super::submission::Agent;
use crate::engine::consent::{Consent, Price};
use crate::engine::{Plan, RunBudget};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::store::log::{ClientLimits, budgets};

/// The code of what somebody has to agree to first.
pub(in crate::cmd) const CONSENT_NEEDED: &str = "consent_needed";

impl Service {
    /// What an agent's run may spend: out of its purse, and above `confirm_above` only what its user has
    /// agreed to. What the agent itself names as a limit agrees to nothing.
    pub(super) fn agreed_of_agent(
        &self,
        plan: &Plan,
        limit: Option<Money>,
        client: Option<&ClientLimits>,
        agent: &Agent,
    ) -> Result<RunBudget> {
        let (settings, price) = (&self.app.settings, plan.price());
        self.affordable(&price, client)?;
        let what = price.unpriced.as_deref().unwrap_or("this");
        agent.purse.check(what, &price.estimate)?;
        let above = settings.confirm_above;
        let is_agreed = agent.agreed >= price.estimate.reserve && agent.agreed.is_some();
        let asked = price.consent(None, above, is_agreed, false)?;
        if asked == Consent::Ask {
            return Err(Error::new(
                Kind::Budget,
                format!("this costs {}, above `confirm_above` ({above})", price.in_words()),
            )
            .code(CONSENT_NEEDED)
            .hint("the user agrees, or raises it: `pinx config set confirm_above AMOUNT`"));
        }
        let most = [limit, settings.budget_run].into_iter().flatten().min();
        if let (Some(most), Some(upper)) = (most, price.estimate.reserve)
            && upper > most
        {
            let what = format!("this may cost {}, and {most} is the limit", upper.rounded_up());
            return Err(Error::new(Kind::Budget, what)
                .code("over_budget")
                .hint("give a `max_cost` that covers it, or ask for less"));
        }
        let most = most.or(price.estimate.reserve.map(|upper| upper.max(above)));
        Ok(RunBudget::new(most, false).out_of(&agent.purse))
    }

    /// Whether it fits what is left of the budgets of days and months.
    pub(super) fn affordable(&self, price: &Price, client: Option<&ClientLimits>) -> Result<()> {
        let limits = self.app.spending_limits();
        if budgets(&limits, client).next().is_none() {
            return Ok(());
        }
        let state = self.app.log.state().map_err(|error| self.app.log.unreadable(&error))?;
        price.affordable(&state, budgets(&limits, client))
    }

    /// What it may spend: nobody is there to be asked.
    pub(super) fn agreed(
        &self,
        plan: &Plan,
        limit: Option<Money>,
        client: Option<&ClientLimits>,
    ) -> Result<RunBudget> {
        let (settings, price) = (&self.app.settings, plan.price());
        self.affordable(&price, client)?;
        let most = [limit, settings.budget_run].into_iter().flatten().min();
        let unknown = settings.allow_unknown_cost;
        match price.consent(most, settings.confirm_above, false, unknown)? {
            Consent::Given(limit) => Ok(RunBudget::new(limit, unknown)),
            Consent::Ask => {
                let (above, cost) = (settings.confirm_above, price.in_words());
                let what = format!("this costs {cost}, above `confirm_above` ({above})");
                Err(Error::new(Kind::Budget, what)
                    .code(CONSENT_NEEDED)
                    .hint("agree with a `maxCost` that covers it"))
            }
        }
    }
}
