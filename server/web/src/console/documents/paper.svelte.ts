/** The language of what is printed: Vietnamese until somebody chooses otherwise, for paper goes to other people. */
export const paper = $state<{ language: 'vi' | 'en' }>({ language: 'vi' });
