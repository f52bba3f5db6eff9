import elements from './elements.json';
import frame from './frame.json';
import keys from './keys.json';
import problems from './problems.json';
import review from './review.json';
import settings from './settings.json';
import type { TextKey } from '../texts.js';

export const es: Record<TextKey, string> = { ...frame, ...elements, ...problems, ...settings, ...keys, ...review };
