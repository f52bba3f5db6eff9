import { SubjectActivity } from '../activity/subject-activity.js';
import { define } from '../elements/element.js';
import { takesChanges } from './actions.js';

/** What was done to a key and with it; anew after each change that is made here. */
class KeyActivity extends SubjectActivity {
  constructor() {
    super();
    takesChanges(this, (change) => {
      if (change.kind === 'changed' && change.key.id === this.targetId) {
        this.reload();
      }
    });
  }
}

define('lk-key-activity', KeyActivity);
