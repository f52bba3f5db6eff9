import elements from './elements.json';
import frame from './frame.json';
import keys from './keys.json';
import problems from './problems.json';
import review from './review.json';
import settings from './settings.json';

export const en = { ...frame, ...elements, ...problems, ...settings, ...keys, ...review };
