import { SubjectActivity } from '../activity/subject-activity.js';
import { define } from '../elements/element.js';
import { takesChanges } from './actions.js';

/** What was done to a webhook and with it; anew after each change that is made here. */
class WebhookActivity extends SubjectActivity {
  constructor() {
    super();
    takesChanges(this, (change) => {
      if (change.kind === 'changed' && change.webhook.id === this.targetId) {
        this.reload();
      }
    });
  }
}

define('lk-webhook-activity', WebhookActivity);
