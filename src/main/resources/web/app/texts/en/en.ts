import activity from './activity.json' with { type: 'json' };
import credentials from './credentials.json' with { type: 'json' };
import deliveries from './deliveries.json' with { type: 'json' };
import elements from './elements.json' with { type: 'json' };
import frame from './frame.json' with { type: 'json' };
import keys from './keys.json' with { type: 'json' };
import notices from './notices.json' with { type: 'json' };
import problems from './problems.json' with { type: 'json' };
import recipes from './recipes.json' with { type: 'json' };
import review from './review.json' with { type: 'json' };
import settings from './settings.json' with { type: 'json' };
import webhooks from './webhooks.json' with { type: 'json' };

export const en = { ...frame, ...elements, ...problems, ...settings, ...keys, ...credentials, ...review, ...webhooks, ...deliveries, ...activity, ...notices, ...recipes };
